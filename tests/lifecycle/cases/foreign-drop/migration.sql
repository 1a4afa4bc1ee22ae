drop foreign table far;
drop user mapping for authenticated server one;
drop server one;
drop foreign data wrapper plain;
