-- The same e-mail in capitals, a phone number as an e-mail, and an e-mail as a phone number; null, an empty string and a
-- blank; customers without tickets, and keys at the ends of the type.
insert into customers (id, email, name, company, phone, created_at, updated_at) values
    (-2147483648, '', '', '', '', '-infinity', 'infinity'),
    (-1, ' ', ' ', ' ', ' ', 'infinity', '-infinity'),
    (0, 'ann@hostile.example', 'Ann', null, null, '4714-11-24 00:00:00 BC', '294276-12-31 23:59:59.999999'),
    (1, 'ANN@hostile.example', 'ANN', 'Acme', '+49 30 1234', '2024-03-31 02:30:00', '2024-10-27 02:30:00'),
    (2, 'Ann@Hostile.Example', 'ann', 'acme', '+49 30 1234', '2024-03-31 03:30:00', '2024-03-31 01:30:00'),
    (3, '+49 30 1234', 'Same twice', null, '+49 30 1234', '1970-01-01', '1970-01-01'),
    (4, 'bob@hostile.example', 'Bob', 'null', 'bob@hostile.example', '1900-01-01', '9999-12-31'),
    (5, 'email', 'phone', 'mobile', 'phone', '2024-01-01 00:00:00.000001', '2024-01-01'),
    (8, rpad('long@', 255, 'é'), rpad('Łóng ', 200, '漢'), rpad('Cø ', 200, '💶'), rpad('+', 50, '٣'), '2024-02-29',
        '2024-02-29'),
    (9, E'a''b"c\\d@hostile.example', E'Robert''); drop table customers; --', E'C:\\Company\n', E'\t', '2024-02-29',
        '2024-02-29'),
    (10, '%_@hostile.example', '{"name": null}', '{}', '\x00', '2024-02-29', '2024-02-29'),
    (2147483647, U&'Zoe\0301@hostile.example', U&'Zoe\0301', U&'Zo\00e9', U&'\200b\202e\feff', '2000-01-01',
        '2000-01-01');
