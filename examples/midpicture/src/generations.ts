/** Reads and writes the table `generations`; its rules live in supabase/migrations. */
import postgres, { type Sql } from "postgres";

export type Status = "queued" | "running" | "succeeded" | "failed";

export interface Generation {
  id: string;
  user_id: string;
  prompt: string;
  status: Status;
  grid_url: string | null;
  upscaled_urls: string[];
  created_at: Date;
  updated_at: Date;
}

/** Puts a prompt into the queue and returns the new row. */
export async function enqueue(sql: Sql, userId: string, prompt: string): Promise<Generation> {
  const [row] = await sql<[Generation]>`
    insert into generations (user_id, prompt) values (${userId}, ${prompt}) returning *`;
  return row;
}

/**
 * Starts the oldest prompt of the queue. Returns undefined when nothing waits, or when another
 * generation is running: that is for the index generations_one_running to say, not for us.
 */
export async function startNext(sql: Sql): Promise<Generation | undefined> {
  try {
    const [row] = await sql<Generation[]>`
      update generations set status = 'running'
      where id = (
        select id from generations where status = 'queued'
        order by created_at limit 1 for update skip locked
      )
      returning *`;
    return row;
  } catch (error) {
    const refused = error instanceof postgres.PostgresError ? error.constraint_name : undefined;
    if (refused === "generations_one_running") return undefined;
    throw error;
  }
}

/** Stores the pictures of a generation that came to its end. */
export async function succeed(
  sql: Sql,
  id: string,
  gridUrl: string,
  upscaledUrls: string[],
): Promise<void> {
  await sql`
    update generations
    set status = 'succeeded', grid_url = ${gridUrl}, upscaled_urls = ${upscaledUrls}
    where id = ${id}`;
}

/** Returns the newest generations, the newest first. */
export async function newest(sql: Sql, limit = 20): Promise<Generation[]> {
  return sql<Generation[]>`select * from generations order by created_at desc limit ${limit}`;
}
