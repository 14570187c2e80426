create table ticket_facts (
    day date not null,
    ticket_id integer not null,
    customer_id integer not null,
    assigned_user_id integer,
    status varchar(50) not null,
    priority varchar(20) not null,
    category varchar(50) not null,
    total_comments integer not null default 0,
    customer_responses integer not null default 0,
    agent_responses integer not null default 0,
    first_response_time_seconds integer,
    resolution_time_seconds integer,
    satisfaction_rating integer,
    sla_violated boolean not null default false,
    constraint ticket_facts_pkey primary key (day, ticket_id)
) partition by range (day);

create table ticket_facts_default partition of ticket_facts default;

create index ix_ticket_facts_customer_day on ticket_facts (customer_id, day);
create index ix_ticket_facts_agent_day on ticket_facts (assigned_user_id, day);

comment on table ticket_facts is 'Each ticket at the end of each day';
comment on table ticket_facts_default is 'Days of months that have no partition of their own';
comment on column ticket_facts.day is 'The day, UTC';
comment on column ticket_facts.ticket_id is 'tickets.id of the support database';
comment on column ticket_facts.customer_id is 'customers.id of the support database';
comment on column ticket_facts.assigned_user_id is 'users.id of the support database; NULL when unassigned';
comment on column ticket_facts.status is 'tickets.status at the end of the day';
comment on column ticket_facts.priority is 'tickets.priority at the end of the day';
comment on column ticket_facts.category is 'tickets.category at the end of the day';
comment on column ticket_facts.total_comments is 'Comments up to the end of the day';
comment on column ticket_facts.customer_responses is 'Comments by the customer up to the end of the day';
comment on column ticket_facts.agent_responses is 'Comments by agents up to the end of the day';
comment on column ticket_facts.first_response_time_seconds is 'Whole seconds to the first answer; NULL without one';
comment on column ticket_facts.resolution_time_seconds is 'Whole seconds to the resolution; NULL while unresolved';
comment on column ticket_facts.satisfaction_rating is '1 to 5; NULL without a survey';
comment on column ticket_facts.sla_violated is 'Whether the answer came too late';
