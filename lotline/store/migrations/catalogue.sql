select line from (
    select format(
        'column %s.%s %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
        case when a.attnotnull then ' not null' else '' end,
        coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
    ) as line
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0
        and not a.attisdropped
    union all
    select format('constraint %s.%s %s', c.relname, k.conname, pg_get_constraintdef(k.oid))
    from pg_constraint k join pg_class c on c.oid = k.conrelid
    where c.relnamespace = 'public'::regnamespace and k.contype <> 'n'
    union all
    select format('index %s.%s %s', tablename, indexname, indexdef)
    from pg_indexes where schemaname = 'public'
    union all
    select format('policy %s %s using %s check %s', tablename, policyname, qual, with_check)
    from pg_policies where schemaname = 'public'
    union all
    select format('security %s enabled %s forced %s', relname, relrowsecurity, relforcerowsecurity)
    from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
    union all
    select format('right %s %s %s', table_name, grantee, privilege_type)
    from information_schema.role_table_grants
    where table_schema = 'public' and grantee in ('lotline_app', 'lotline_reader')
    union all
    select format('right %s %s %s (%s)', g.table_name, g.grantee, g.privilege_type, g.column_name)
    from information_schema.role_column_grants g
    where g.table_schema = 'public' and g.grantee in ('lotline_app', 'lotline_reader')
        and not exists (
            select from information_schema.role_table_grants t
            where t.table_schema = 'public' and t.table_name = g.table_name
                and t.grantee = g.grantee and t.privilege_type = g.privilege_type
        )
) lines
order by line collate "C"
