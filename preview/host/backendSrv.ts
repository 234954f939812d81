import { DataQueryErrorType } from '@grafana/data';
import type { BackendSrv, BackendSrvRequest, FetchResponse } from '@grafana/runtime';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { boot } from './boot.ts';

/** The part of Grafana's BackendSrv that plugins use, with the same responses, errors and cancellation. */
export class PreviewBackendSrv implements BackendSrv {
  fetch<T>(options: BackendSrvRequest): Observable<FetchResponse<T>> {
    return from(send<T>(options));
  }

  get<T>(url: string, params?: BackendSrvRequest['params']): Promise<T> {
    return this.request<T>({ url, params, method: 'GET' });
  }
  delete<T>(url: string, data?: unknown): Promise<T> {
    return this.request<T>({ url, data, method: 'DELETE' });
  }
  post<T>(url: string, data?: unknown): Promise<T> {
    return this.request<T>({ url, data, method: 'POST' });
  }
  patch<T>(url: string, data?: unknown): Promise<T> {
    return this.request<T>({ url, data, method: 'PATCH' });
  }
  put<T>(url: string, data?: unknown): Promise<T> {
    return this.request<T>({ url, data, method: 'PUT' });
  }
  async request<T>(options: BackendSrvRequest): Promise<T> {
    return (await this.datasourceRequest<T>(options)).data;
  }
  datasourceRequest<T>(options: BackendSrvRequest): Promise<FetchResponse<T>> {
    return lastValueFrom(this.fetch<T>(options));
  }
  chunked(): never {
    throw new Error('The preview does not support streaming.');
  }
}

async function send<T>(config: BackendSrvRequest): Promise<FetchResponse<T>> {
  const response = await request(config);
  const text = await response.text();
  const { status, statusText, ok, headers, redirected, type, url } = response;
  const data = parse(text) as T;
  if (!ok) throw { status, statusText, data: typeof data === 'string' ? { message: data } : data, config };
  return { data, status, statusText, ok, headers, redirected, type, url, config };
}

async function request(config: BackendSrvRequest): Promise<Response> {
  // As in Grafana, below the sub path.
  const url = new URL(config.url.replace(/^\//, ''), document.baseURI);
  for (const [name, value] of Object.entries(config.params ?? {})) url.searchParams.set(name, String(value));
  try {
    return await fetch(url, {
      method: config.method ?? 'GET',
      // Grafana's server knows the role from the login. The preview has no login, so the role is a setting.
      headers: { ...config.headers, 'x-preview-role': boot.role },
      signal: config.abortSignal,
      body: config.data === undefined ? undefined : JSON.stringify(config.data),
    });
  } catch (error) {
    if (!config.abortSignal?.aborted) throw { status: 0, statusText: (error as Error).message, data: null, config };
    throw {
      type: DataQueryErrorType.Cancelled,
      cancelled: true,
      status: -1,
      statusText: 'Request was aborted',
      data: null,
      config,
    };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
