import { describe, expect, it } from 'vitest';
import { readExporterConfig } from '../../exporter/config.ts';
import { SettingsError } from '../../platform/settings.ts';
import { loadSchedulerConfig } from '../../scheduler/config.ts';

const DATABASE = { RUNBEAT_DATABASE_URL: 'postgres://a@db/x' };

describe('settings beyond what timers, columns or loops support', () => {
  it.each([
    ['RUNBEAT_HEARTBEAT_INTERVAL', '10000000', 'must be 1000000 seconds (11 days) or less'],
    ['RUNBEAT_HEARTBEAT_INTERVAL', '1e-9', 'must be 0.01 seconds or more'],
    ['RUNBEAT_HEARTBEAT_INTERVAL', 'Infinity', 'must be'],
    ['RUNBEAT_HEARTBEAT_INTERVAL', '20', 'must be at least twice RUNBEAT_HEARTBEAT_INTERVAL (20 seconds)'],
    ['RUNBEAT_SHUTDOWN_GRACE', '-1', 'must be 0.01 seconds or more'],
    ['RUNBEAT_WORKER_CONCURRENCY', '1e9', 'must be 1000 or less'],
    ['RUNBEAT_ARCHIVE_AFTER_DAYS', '1e18', 'must be a whole number'],
    ['RUNBEAT_LOG_RETENTION_DAYS', '100000', 'must be 36500 or less'],
    ['RUNBEAT_TASK_LOG_LIMIT', '1e12', 'must be 67108864 or less'],
  ])('are refused by the scheduler: %s=%s', (name, value, reason) => {
    const load = (): unknown => loadSchedulerConfig({ ...DATABASE, [name]: value });
    expect(load).toThrow(SettingsError);
    expect(load).toThrow(reason);
  });

  it.each([
    ['RUNBEAT_POLL_INTERVAL', '1e10', 'must be 1000000 seconds'],
    ['RUNBEAT_POLL_INTERVAL', '0', 'must be 0.01 seconds or more'],
    ['RUNBEAT_SOURCE_CONNECTIONS', '1e6', 'must be 100 or less'],
    ['RUNBEAT_INDEX_RETENTION', '1e6', 'must be 36500 or less'],
  ])('are refused by the exporter: %s=%s', (name, value, reason) => {
    const read = (): unknown => readExporterConfig({ ...DATABASE, [name]: value });
    expect(read).toThrow(SettingsError);
    expect(read).toThrow(`${name}: ${reason}`);
  });
});
