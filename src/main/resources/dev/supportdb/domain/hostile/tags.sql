-- One word in several spellings, and an empty one.
insert into tags (id, name, color, created_at) values
    (-2147483648, '', '', '-infinity'),
    (0, ' ', ' ', 'infinity'),
    (1, 'urgent', '#808080', '4714-11-24 00:00:00 BC'),
    (2, 'URGENT', '#GGGGGG', '294276-12-31 23:59:59.999999'),
    (3, 'urgent ', 'grey', '2024-03-31 02:30:00'),
    (2147483647, rpad('é', 100, '💶'), '漢漢漢漢漢漢漢', '2024-02-29');
