-- Notes are few among many texts: a search among them walks notes alone, not all that was ever said.
create index text_words_notes on text_words (group_id, id desc) where kind = 'note';
