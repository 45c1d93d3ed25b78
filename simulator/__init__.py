"""A carrier with customers' phones, in one small program.

It speaks Twilio's Messages API and signed webhooks over real HTTP, so that the demo and the
tests use the ordinary Twilio adapter. It knows nothing of Lotline and imports nothing of it.

Not here: anything that a real carrier would keep for long, charge for or send to a real phone.
"""
