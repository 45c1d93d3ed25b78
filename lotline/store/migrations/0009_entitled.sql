-- The policy's wording, training, quizzes, and what they add up to.
select 1;
