import type { LookupItem, Page, RunDetail, SchedulerStatus } from '../../shared/api.ts';
import { API_PATHS, runPath } from '../../shared/api.ts';

/** The demo's requests to the exporter, over HTTP like any other client. */
export class ExporterClient {
  constructor(
    private readonly baseUrl: string,
    private readonly apiToken: string | undefined,
  ) {}

  /** Whether the exporter answers and can read its sources. */
  async isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.baseUrl}/readyz`)).ok;
    } catch {
      return false;
    }
  }

  async schedulers(): Promise<SchedulerStatus[]> {
    return (await this.get<Page<SchedulerStatus>>(API_PATHS.schedulers)).items;
  }

  runDetail(item: LookupItem): Promise<RunDetail> {
    return this.get(runPath(item.source, item.dag_id, item.run_id));
  }

  /** The onboarding run of each user that has one. */
  async runsOfUsers(users: readonly number[]): Promise<LookupItem[]> {
    const found: LookupItem[] = [];
    for (let at = 0; at < users.length; at += 100) {
      const query = new URLSearchParams({ key: 'user_id', dag_id: 'onboarding', limit: '500' });
      for (const user of users.slice(at, at + 100)) query.append('value', String(user));
      found.push(...(await this.get<Page<LookupItem>>(`${API_PATHS.lookup}?${query}`)).items);
    }
    return found;
  }

  private async get<Answer>(path: string): Promise<Answer> {
    const headers = this.apiToken ? { authorization: `Bearer ${this.apiToken}` } : undefined;
    const response = await fetch(`${this.baseUrl}${path}`, { headers });
    if (!response.ok) throw new Error(`The exporter answered ${response.status} to ${path}: ${await response.text()}`);
    return (await response.json()) as Answer;
  }
}
