/** Distinct ended calls in the native form, one a second from 2026-01-01 on, each with a `source_id`. */
export function ndjsonCalls(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const startMs = Date.UTC(2026, 0, 1) + index * 1000
    const at = (seconds: number) => new Date(startMs + seconds * 1000).toISOString()
    return JSON.stringify({
      source_id: `call-${index}`,
      direction: 'inbound',
      from: { number: `+1202555${String(index % 10_000).padStart(4, '0')}` },
      to: { number: '+13128574907' },
      started_at: at(0),
      answered_at: at(4),
      ended_at: at(64),
    })
  })
}
