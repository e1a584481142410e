import type { Progress } from '../console.ts'

/**
 * HTTP on `control.sock`, between two processes of one Calltrail. `POST /commands` takes a line of JSON, the request,
 * and after it whatever standard input the command reads; it answers with a line of JSON for each event, `exit` last.
 * `DELETE /commands/{id}` stops a command; so does a client that goes away. `GET /` tells who serves.
 */
export interface CommandRequest {
  /** Chosen by the client. */
  id: string
  argv: readonly string[]
  cwd: string
  /** Whether standard input follows. */
  stdin: boolean
}

export type CommandEvent = { out: string } | { say: string } | { progress: Progress | null } | { exit: number }

/** Who serves the folder. */
export interface ServerStatus {
  pid: number
  version: string
  /** `http://127.0.0.1:8080`. */
  url: string
}
