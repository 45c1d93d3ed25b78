-- name: steps
-- The cards of a course that a member has been through.
select card from training_steps
where group_id = %(group_id)s and member_id = %(member_id)s and course = %(course)s

-- name: record_step
-- A card was tried; trying it again is the same.
insert into training_steps (group_id, member_id, course, card, done_at)
values (%(group_id)s, %(member_id)s, %(course)s, %(card)s, %(at)s)
on conflict do nothing

-- name: record_quiz
-- What was drawn for a member.
insert into quizzes (group_id, id, member_id, course, questions, begun_at)
values (%(group_id)s, %(id)s, %(member_id)s, %(course)s, %(questions)s, %(at)s)

-- name: lock_member
-- One quiz at a time is begun, and one answer at a time is taken.
select id from members where group_id = %(group_id)s and id = %(member_id)s for update

-- name: newest_quiz
-- A member's last quiz, whether it is over or not.
select q.id, q.course, q.questions, q.begun_at from quizzes q
where q.group_id = %(group_id)s and q.member_id = %(member_id)s
order by q.begun_at desc, q.id desc limit 1

-- name: answers
-- What was answered in a quiz.
select a.question, a.choice, a.is_right from quiz_answers a
where a.group_id = %(group_id)s and a.quiz_id = %(quiz_id)s

-- name: record_answer
-- The first answer counts.
insert into quiz_answers (group_id, quiz_id, question, choice, is_right, answered_at)
values (%(group_id)s, %(quiz_id)s, %(question)s, %(choice)s, %(is_right)s, %(at)s)
on conflict do nothing

-- name: record_pass
-- What they passed, and until when it counts.
insert into training_passes (group_id, id, member_id, score, passed_at, valid_until, course,
    quiz_id)
values (%(group_id)s, %(id)s, %(member_id)s, %(score)s, %(at)s, %(valid_until)s, %(course)s,
    %(quiz_id)s)

-- name: standing
-- Until when a member's training counts, and what they signed of the policy.
select
    (
        select max(t.valid_until) from training_passes t
        where t.group_id = %(group_id)s and t.member_id = %(member_id)s
    ) as trained_until,
    (
        select max(s.version) from policy_signatures s
        where s.group_id = %(group_id)s and s.member_id = %(member_id)s
    ) as signed_version,
    p.version as policy_version, p.sign_by
from (select 1) as one
left join lateral (
    select p.version, p.sign_by from policies p
    where p.group_id = %(group_id)s and p.adopted_at <= %(now)s
    order by p.version desc limit 1
) p on true

-- name: matrix
-- Who is current: each member's last signature and last pass.
select m.id, m.name_ct, m.role, m.hue,
    exists (
        select from suspensions s
        where s.group_id = m.group_id and s.member_id = m.id and s.lifted_at is null
    ) as suspended,
    exists (
        select from texting_stops x
        where x.group_id = m.group_id and x.member_id = m.id and x.lifted_at is null
    ) as stopped,
    g.version as signed_version, g.signed_at,
    t.score, t.passed_at, t.valid_until
from members m
left join lateral (
    select s.version, s.signed_at from policy_signatures s
    where s.group_id = m.group_id and s.member_id = m.id
    order by s.version desc limit 1
) g on true
left join lateral (
    select t.score, t.passed_at, t.valid_until from training_passes t
    where t.group_id = m.group_id and t.member_id = m.id
    order by t.valid_until desc limit 1
) t on true
where m.group_id = %(group_id)s
    and (
        %(sees_all)s
        or m.id = %(member_id)s
        or exists (
            select from member_reach r
            left join lines l on l.group_id = r.group_id and l.store_id = r.store_id
            where r.group_id = m.group_id and r.member_id = m.id
                and (r.line_id = any(%(line_ids)s::uuid[]) or l.id = any(%(line_ids)s::uuid[]))
        )
    )
order by m.id
