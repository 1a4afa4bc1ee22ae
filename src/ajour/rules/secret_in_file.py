"""A secret that is written into a file.

Finds
    Passwords of roles, URLs with a password, JWTs, private keys, and the keys of Supabase, Stripe,
    AWS, GitHub, Google, Slack, OpenAI and Anthropic, by their shape; in comments and in the bodies
    of functions as well. The secret itself is not shown. The public key of Supabase (the role
    `anon`), those of its demo, and placeholders are none. In a file of more than 256 KB the rows of
    plain INSERTs and of COPY are not looked at.

Why it hurts
    The file is in the repository, in every copy and in every log of the build; the text of a
    function and the history of migrations are in the database, where others may read them. Who has
    `service_role` passes by all policies.

Instead
    Take the secret back at whoever gave it out: it counts as known. Keep the new one in Supabase
    Vault, written by hand, and read it where it is used:
    `(select decrypted_secret from vault.decrypted_secrets where name = 'stripe')`.

When it is fine
    It opens nothing any more, or nothing but a test: `-- ajour: allow secret-in-file <what it is>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Rule
from ajour.sql.plain_rows import looked_at
from ajour.sql.position import place
from ajour.sql.secrets import secrets

RULE = Rule("secret-in-file", level="error", family="security")


def check_file(context: Context) -> Iterator[Finding]:
    """Find each secret in the file, without saying it."""
    file = context.file
    for start, text in _texts(context):
        for each in secrets(text):
            yield Finding(
                RULE.name,
                RULE.level,
                f"Here stands {each.what}.",
                place(file.text, start + each.start, file.path, each.end - each.start),
                "Take it back, and keep the new one where no file has it, such as Supabase Vault.",
            )


def _texts(context: Context) -> Iterator[tuple[int, str]]:
    """Yield the file's text, or the statements of a large one, each with where it begins."""
    if context.script.words == context.file.text:
        yield 0, context.file.text
        return
    for _, each in looked_at(context.script):
        yield each.offset, each.text
