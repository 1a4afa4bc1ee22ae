create table to_be_sent (address text, body text);
insert into to_be_sent values ('nobody', 'http_post');
