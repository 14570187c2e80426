-- Every tag on the same few tickets.
insert into ticket_tags (id, ticket_id, tag_id, created_at)
select row_number() over (order by tickets.id, tags.id) - 2147483649, tickets.id, tags.id,
    case when tags.id > 1 then timestamp 'infinity' else timestamp '-infinity' end
from tickets cross join tags
where tickets.id in (-2147483648, -1, 0, 2147483647);
