create extension citext with schema extensions;
create extension if not exists "uuid-ossp";
