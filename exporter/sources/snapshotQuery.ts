import { NOW_US, us } from './dialect.ts';

/** The row of Snapshot. */
export const snapshotQuery = `select ${NOW_US} as now_us, pg_snapshot_xmin(s)::text::bigint as xmin,
     pg_snapshot_xmax(s)::text::bigint as xmax,
     (select oid::bigint from pg_database where datname = current_database()) as database_oid,
     case when pg_is_in_recovery() then json_build_object(
       'received', pg_wal_lsn_diff(pg_last_wal_receive_lsn(), '0/0'),
       'applied', pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0'),
       'applied_us', ${us('pg_last_xact_replay_timestamp()')},
       'is_receiving', exists(select from pg_stat_wal_receiver)) end as replica
       from pg_current_snapshot() s`;
