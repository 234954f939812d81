import type { Release } from './releases.ts';

/** The few calls of Airflow's public REST API that the lab needs; the same in 2.x (`/api/v1`) and 3.x (`/api/v2`). */
export class AirflowApi {
  private token: string | undefined;

  constructor(
    private readonly release: Release,
    private readonly baseUrl: string,
  ) {}

  /** Starts a manual run. 3.x asks for a logical date, and takes null for a run that has none. */
  async trigger(dagId: string, conf: unknown, runId: string): Promise<void> {
    const date = this.release.major === 3 ? { logical_date: null } : {};
    await this.send('POST', `/dags/${dagId}/dagRuns`, { dag_run_id: runId, conf, ...date });
  }

  /** Clears the named tasks of a run, downstream tasks not included, and sets the run going again. */
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

  async createPool(name: string, slots: number): Promise<void> {
    await this.send('POST', '/pools', { name, slots, description: '', include_deferred: false });
  }

  async isUp(): Promise<boolean> {
    try {
      await this.send('GET', '/version');
      return true;
    } catch {
      return false;
    }
  }

  private async send(method: string, path: string, body?: unknown): Promise<void> {
    const response = await fetch(`${this.baseUrl}/api/v${this.release.major === 2 ? 1 : 2}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(await this.authorization()) },
      body: body === undefined ? null : JSON.stringify(body),
    });
    if (!response.ok)
      throw new Error(`Airflow answered ${response.status} to ${method} ${path}: ${await response.text()}`);
  }

  /** SimpleAuthManager hands a token to whoever asks when all users are admins; 2.x is configured to need none. */
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
