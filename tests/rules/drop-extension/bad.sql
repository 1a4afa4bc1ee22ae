drop extension if exists pgcrypto cascade;
