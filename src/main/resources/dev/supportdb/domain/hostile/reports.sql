-- JSON with odd whitespace and keys, which the type json keeps byte for byte.
insert into reports (id, name, description, report_type, parameters, created_by, created_at) values
    (-2147483648, '', null, '', null, -2147483648, '-infinity'),
    (0, ' ', '', ' ', 'null', 0, 'infinity'),
    (1, 'The same', 'The same', 'x', '{"a":1,  "a":2, "b":"\u0000"}', 1, '294276-12-31 23:59:59.999999'),
    (2, 'The same', 'The same', 'x', '[ ]', 1, '4714-11-24 00:00:00 BC'),
    (2147483647, rpad('Lóng ', 200, '漢'), repeat('長い ', 5000), rpad('x', 50, '💶'), '1e400', 2147483647, '2024-02-29');
