-- name: seat
-- An account sits as a member of the transaction's company.
insert into seats (account_id, group_id, member_id)
values (%(account_id)s, %(group_id)s, %(member_id)s)

-- name: of_member
-- The account that sits as a member.
select account_id from seats where group_id = %(group_id)s and member_id = %(member_id)s

-- name: came
-- Whether anybody ever signed in as a member.
select exists (
    select from devices d where d.group_id = %(group_id)s and d.member_id = %(member_id)s
) as came
