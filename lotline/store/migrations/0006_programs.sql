-- Programs that text: tokens, their limits, webhooks out.
select 1;
