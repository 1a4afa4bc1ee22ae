"""The peers by their names, in the order in which they are run."""

from peers.ajour import Ajour, Psycopg
from peers.alembic import Alembic
from peers.base import Missing, Peer
from peers.dbmate import Dbmate
from peers.graphile_migrate import GraphileMigrate
from peers.node_pg_migrate import NodePgMigrate
from peers.pgmigrate import Pgmigrate
from peers.psql import PsqlManyFiles, PsqlOneFile, PsqlOneTransaction, PsqlQuery
from peers.sqitch import Sqitch
from peers.supabase import Supabase, SupabaseGo
from peers.yoyo import Yoyo

__all__ = ["PEERS", "QUICK", "Missing", "Peer"]

PEERS: dict[str, type[Peer]] = {
    peer.name: peer
    for peer in (
        Ajour,
        PsqlOneFile,
        PsqlOneTransaction,
        PsqlManyFiles,
        PsqlQuery,
        Psycopg,
        Dbmate,
        SupabaseGo,
        Supabase,
        NodePgMigrate,
        GraphileMigrate,
        Alembic,
        Yoyo,
        Pgmigrate,
        Sqitch,
    )
}

QUICK = ("ajour", "psql", "psql-query", "dbmate")
"""Whom --quick runs."""
