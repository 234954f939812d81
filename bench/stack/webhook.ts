import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from './until.ts';

/** One alert as Alertmanager posts it (its webhook format, version 4). */
export interface Notification {
  status: 'firing' | 'resolved';
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt: string;
  endsAt: string;
  receivedAt: number;
}

/** A real HTTP receiver that stores every alert that arrives, in the role of a person on call. */
export class Webhook {
  readonly received: Notification[] = [];
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<Webhook> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const webhook = new Webhook(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    server.on('request', (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { alerts } = JSON.parse(body) as { alerts: Notification[] };
        webhook.received.push(...alerts.map((alert) => ({ ...alert, receivedAt: Date.now() })));
        response.end();
      });
    });
    return webhook;
  }

  /** The first alert with this name and status that arrived at or after a moment (0 for any time). */
  arrival(name: string, status: Notification['status'], seconds: number, since = 0): Promise<Notification> {
    return until(`${name} ${status} arrives`, seconds, () => {
      const match = (it: Notification): boolean =>
        it.labels.alertname === name && it.status === status && it.receivedAt >= since;
      return this.received.find(match) ?? null;
    });
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}
