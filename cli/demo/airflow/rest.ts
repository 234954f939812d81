import type { Release } from './release.ts';

/** Dates of a manual run; 3.x supports both. */
export interface RunDates {
  logical_date?: string;
  run_after?: string;
}

/** The few calls of Airflow's public REST API that the demo and the tests need; the same in 2.x (`/api/v1`) and 3.x (`/api/v2`). */
export class AirflowApi {
  private token: string | undefined;

  constructor(
    private readonly release: Release,
    private readonly baseUrl: string,
  ) {}

  /** Starts a manual run. 3.x requires a logical date, which may be null. */
  async trigger(dagId: string, conf: unknown, runId: string, dates: RunDates = {}): Promise<void> {
    const date = this.release.major === 3 ? { logical_date: null } : {};
    await this.send('POST', `/dags/${dagId}/dagRuns`, { dag_run_id: runId, conf, ...date, ...dates });
  }

  async markRun(dagId: string, runId: string, state: 'success' | 'failed'): Promise<void> {
    await this.send('PATCH', `/dags/${dagId}/dagRuns/${encodeURIComponent(runId)}`, { state });
  }

  async markTask(dagId: string, runId: string, taskId: string, state: 'success' | 'failed'): Promise<void> {
    const path = `/dags/${dagId}/dagRuns/${encodeURIComponent(runId)}/taskInstances/${taskId}`;
    const effective = this.release.major === 2 ? { dry_run: false } : {};
    await this.send('PATCH', path, { new_state: state, ...effective });
  }

  /** Starts a backfill of a past period, two runs at a time; Airflow 3 only. Returns the id of the backfill. */
  async backfill(dagId: string, from: Date, to: Date): Promise<number> {
    const body = { dag_id: dagId, from_date: from, to_date: to, max_active_runs: 2, reprocess_behavior: 'completed' };
    return ((await this.send('POST', '/backfills', body)) as { id: number }).id;
  }

  async pauseBackfill(id: number, paused: boolean): Promise<void> {
    await this.send('PUT', `/backfills/${id}/${paused ? 'pause' : 'unpause'}`);
  }

  /** Clears the given tasks of a run without their downstreams, so that the run continues. */
  async clear(dagId: string, runId: string, taskIds: string[]): Promise<void> {
    await this.send('POST', `/dags/${dagId}/clearTaskInstances`, {
      dry_run: false,
      dag_run_id: runId,
      task_ids: taskIds,
      only_failed: false,
      reset_dag_runs: true,
    });
  }

  async unpause(dagId: string): Promise<void> {
    await this.send('PATCH', `/dags/${dagId}`, { is_paused: false });
  }

  async createPool(name: string, slots: number, includeDeferred = false): Promise<void> {
    await this.send('POST', '/pools', { name, slots, description: '', include_deferred: includeDeferred });
  }

  /** Response to a path below the API's version prefix. */
  async get<Answer>(path: string): Promise<Answer> {
    return (await this.send('GET', path)) as Answer;
  }

  async isUp(): Promise<boolean> {
    try {
      await this.send('GET', '/version');
      return true;
    } catch {
      return false;
    }
  }

  async schedulerIsHealthy(): Promise<boolean> {
    const { scheduler } = await this.get<{ scheduler: { status: string | null } }>('/monitor/health');
    return scheduler.status === 'healthy';
  }

  /** Whether a DAG can be triggered. */
  async knowsDag(dagId: string): Promise<boolean> {
    try {
      await this.get(`/dags/${dagId}/details`);
      return true;
    } catch {
      return false;
    }
  }

  private async send(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.baseUrl}/api/v${this.release.major === 2 ? 1 : 2}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(await this.authorization()) },
      body: body === undefined ? null : JSON.stringify(body),
    });
    if (!response.ok)
      throw new Error(`Airflow answered ${response.status} to ${method} ${path}: ${await response.text()}`);
    const text = await response.text();
    return text === '' ? null : JSON.parse(text);
  }

  /** If all users are admins, SimpleAuthManager gives a token to any client. 2.x is configured to need none. */
  private async authorization(): Promise<Record<string, string>> {
    if (this.release.major === 2) return {};
    if (!this.token) {
      const response = await fetch(`${this.baseUrl}/auth/token`);
      if (!response.ok) throw new Error(`Airflow answered ${response.status} to GET /auth/token`);
      this.token = ((await response.json()) as { access_token: string }).access_token;
    }
    return { authorization: `Bearer ${this.token}` };
  }
}
