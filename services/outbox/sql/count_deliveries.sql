-- Delivered ones are counted as they happen; there are too many to count again and again.
SELECT (SELECT count(*) FROM delivery WHERE state = 'ready'), (SELECT count(*) FROM delivery WHERE state = 'leased'),
       (SELECT count(*) FROM delivery WHERE state = 'dead')
