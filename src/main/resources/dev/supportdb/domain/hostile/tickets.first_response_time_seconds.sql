-- Times that an application wrote before the changelog computed them: too long, too short, one without the other.
update tickets set
    first_response_time_seconds = (array[-2147483648, -1, 0, null, 86400, 2147483647])[1 + abs(id) % 6],
    resolution_time_seconds = (array[2147483647, null, -1, 0, 42])[1 + abs(id) % 5],
    sla_deadline = (array['infinity', null, '-infinity', '2024-03-31 02:30:00']::timestamp[])[1 + abs(id) % 4],
    sla_violated = id % 2 = 0
where id > -2147483648 and id % 4 <> 0;
