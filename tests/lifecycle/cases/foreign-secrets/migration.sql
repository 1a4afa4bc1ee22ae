-- lost: Values of server one are secret and not known: they stand here as 'hidden'.
-- lost: Values of user mapping anon on one are secret and not known: they stand here as 'hidden'.
-- lost: Values of user mapping authenticated on one are secret and not known: they stand here as 'hidden'.
alter server one options (set password 'another');
drop user mapping for anon server one;
alter user mapping for authenticated server one options (set password 'another');
