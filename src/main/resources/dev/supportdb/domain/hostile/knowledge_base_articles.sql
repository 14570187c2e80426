-- Articles without an author and with contradictory times: archived before published, published before written.
insert into knowledge_base_articles
    (id, title, slug, body, author_id, status, published_at, created_at, updated_at)
values
    (-2147483648, '', '', '', null, 'draft', null, '-infinity', 'infinity'),
    (0, ' ', ' ', ' ', -2147483648, 'archived', 'infinity', 'infinity', '-infinity'),
    (1, 'The same', 'the-same', 'The same', 1, 'published', '4714-11-24 00:00:00+00 BC', '294276-12-31', '2024-02-29'),
    (2, 'The same', 'THE-SAME', 'The same', 1, 'published', null, '2024-03-31 01:00:00+00', '2024-02-29'),
    (2147483647, rpad('Lóng ', 500, '漢'), rpad('é', 200, '💶'), repeat('長い ', 2000), 2147483647, 'draft',
        '-infinity', '2024-02-29', '2024-02-29');
