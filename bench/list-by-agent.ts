import { AGENTS } from './rig/center-calls.ts'
import { centerList } from './rig/center-lists.ts'

/** The newest 20 calls of one agent after the other, as NectarDesk’s clients ask for them, and how many there are. */
export const listByAgent = centerList({
  name: 'list-by-agent',
  asks: 'list: by agent, newest 20, exact total (nectardesk)',
  filters: Array.from({ length: AGENTS }, (_, at) => ({ agentId: String(at + 1) })),
  has: ({ center }, _types, { agentId }) => (center.agents ?? []).some(({ id }) => String(id) === agentId),
})
