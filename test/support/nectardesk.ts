import type { NectarDeskCall, NectarDeskMeta } from '../../src/dialect/nectardesk/schema.ts'
import { KEY, type RunningServer } from './running-server.ts'

export interface NectarDeskAnswer {
  status: number
  headers: Headers
  text: string
  body: NectarDeskBody
}

/** Any of the bodies there are; a field that a body lacks is undefined. */
export interface NectarDeskBody {
  calls: NectarDeskCall[]
  meta: NectarDeskMeta
  error: string
  errors: Record<string, string[]>
}

/** A request to the dialect; `path` follows `/api/v1`. With the server's first key unless `headers` say otherwise. */
export async function askNectarDesk(
  server: Pick<RunningServer, 'url'>,
  path: string,
  { headers = { 'access-token': KEY }, method = 'GET' }: { headers?: Record<string, string>; method?: string } = {},
): Promise<NectarDeskAnswer> {
  const response = await fetch(`${server.url}/api/v1${path}`, { method, headers })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: text === '' ? null : JSON.parse(text),
  }
}

/** Stores calls in the native form over HTTP; throws where one of them is refused. */
export async function storeCalls(server: RunningServer, calls: readonly object[]): Promise<void> {
  const answer = (await (await server.post(calls)).json()) as { rejected: unknown[]; received: number }
  if (answer.rejected?.length !== 0 || answer.received !== calls.length)
    throw new Error(`not stored: ${JSON.stringify(answer)}`)
}
