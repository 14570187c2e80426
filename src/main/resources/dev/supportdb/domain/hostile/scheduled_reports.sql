-- Invalid schedules for invalid recipients.
insert into scheduled_reports
    (id, report_id, schedule_cron, recipients, is_active, last_run_at, next_run_at, created_at)
values
    (-2147483648, -2147483648, '', 'null', false, null, null, '-infinity'),
    (0, 1, ' ', '[]', true, 'infinity', '-infinity', 'infinity'),
    (2147483647, 1, rpad('* ', 100, '💶'), '{"a":1,  "a":2}', true, '4714-11-24 00:00:00 BC', '294276-12-31',
        '2024-02-29');
