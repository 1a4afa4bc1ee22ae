/** Prints the newest generations: `npm start`, after `npm run build`. */
import postgres from "postgres";
import { newest } from "./generations.js";

const url = process.env.SUPABASE_DB_URL;
if (url === undefined) {
  throw new Error("SUPABASE_DB_URL is not set: copy .env.example to .env and fill it in");
}

const sql = postgres(url, { max: 1 });
try {
  for (const { created_at, status, prompt } of await newest(sql)) {
    console.log(`${created_at.toISOString()}  ${status.padEnd(9)}  ${prompt}`);
  }
} finally {
  await sql.end();
}
