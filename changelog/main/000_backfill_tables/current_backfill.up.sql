create function current_backfill(written oid) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _backfill text := current_setting('supportdb.backfill', true);
begin
    -- Everybody can set it, so it counts for an owner of the table alone, who could drop its triggers as well. Whose
    -- rights the caller has does not say who writes: the role of the session does.
    if _backfill <> '' and pg_has_role(coalesce(nullif(current_setting('role'), 'none'), session_user)::name,
        (select relowner from pg_class where oid = written), 'usage')
    then
        return _backfill;
    end if;
    return '';
end
$$;

comment on function current_backfill(oid) is
    'For triggers of a table: the backfill whose batch this transaction is; empty for any other writer';
revoke execute on function current_backfill(oid) from public;
