import assert from 'node:assert/strict'
import type { ServerProcess } from '../support/server-process.ts'

/** Exports everything again and again, and asks for totals and summaries in between, until the server is gone. */
export async function readOn(server: ServerProcess): Promise<void> {
  try {
    for (;;) {
      const exported = await server.ask('/calls/export?legs=all')
      assert.equal(exported.status, 200)
      // A call whose start is corrected meanwhile may come at both places.
      const lines = (await exported.text()).split('\n')
      for (const line of lines) if (line !== '') JSON.parse(line)
      for (const path of [
        '/calls?legs=all&limit=50&direction=outbound',
        '/calls?limit=500',
        '/summary?from=2024-01-01T00:00:00Z&to=2024-02-02T00:00:00Z',
      ]) {
        const answer = await server.ask(path)
        assert.equal(answer.status, 200, path)
        await answer.json()
      }
    }
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error // Anything else is the end of the server.
  }
}
