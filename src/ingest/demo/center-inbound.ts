import { AGENTS, agentBody, type DemoAgent, DISPOSITIONS, MENU, OVERFLOW_DESK } from './center-cast.ts'
import { type At, type Body, head, recorded, type Told } from './center-story.ts'

/** A call that comes in: menu, queue, and what becomes of it there. */
export function inbound(told: Told): Body {
  const { story, random } = told
  const { body, center, at, group } = head(told, 'inbound')
  const menuS = 4 + random.next() * 12
  const ivr = { ...MENU, entered_at: at(0.5) }
  const ended = (endS: number, side: string, extra: Body): Body => ({
    ...body,
    answered_at: at(0.4),
    ended_at: at(endS),
    hangup: { side, sip_status: 200, q850: 16 },
    ...extra,
  })
  if (story === 'menu_only') return ended(menuS + 11, 'caller', { center: { ...center, ivr } })
  if (story === 'closed') {
    const queue = { ring_group: group, queued_at: at(menuS), left_at: at(menuS + 6), left_by: 'closed' }
    return ended(menuS + 6, 'platform', { center: { ...center, ivr, queues: [queue] } })
  }
  const waitS = { answered_late: 25, second_agent: 14, abandoned: 45, abandoned_while_ringing: 30, short: 4 }[
    story as string
  ]
  const leaves = menuS + Math.max(1, random.around(waitS ?? 8, story === 'answered' ? 0.4 : 0.2))
  const queue = { ring_group: group, queued_at: at(menuS), left_at: at(leaves) }
  if (story === 'abandoned' || story === 'abandoned_while_ringing' || story === 'short') {
    const rung = story === 'abandoned_while_ringing' || (story === 'short' && random.next() < 0.4)
    const agents = rung ? [{ ...agentBody(random.pick(AGENTS)), started_at: at(menuS + 2), ended_at: at(leaves) }] : []
    const left = { ...queue, ...(rung ? { distributed_at: at(menuS + 2) } : {}), left_by: 'hangup' }
    return ended(leaves, 'caller', { center: { ...center, ivr, queues: [left], agents } })
  }
  const given = { told, at, menuS, leaves, talkS: Math.min(random.around(180, 0.9), 5400) }
  const { endS, queues, agents } = story.startsWith('overflow') ? overflowed(given, queue) : answered(given, queue)
  if (story === 'overflow_lost') return ended(endS, 'caller', { center: { ...center, ivr, queues, agents } })
  return ended(endS, random.next() < 0.6 ? 'caller' : 'callee', {
    center: {
      ...center,
      ivr,
      queues,
      agents,
      disposition: random.pick(DISPOSITIONS),
      survey_ids: random.next() < 0.2 ? [1] : [],
    },
    ...recorded(told),
    tags: story.endsWith('transfer') ? ['transferred'] : [],
  })
}

interface Served {
  endS: number
  queues: Body[]
  agents: Body[]
}

interface Serving {
  told: Told
  at: At
  /** Seconds from the start at which the queue begins and ends. */
  menuS: number
  leaves: number
  talkS: number
}

/** In its first queue: by the agent rung first, by another one after that, or handed over to a colleague. */
function answered({ told: { story, random }, at, menuS, leaves, talkS }: Serving, queue: Body): Served {
  const endS = leaves + talkS
  const [first, second] = twoAgents(random)
  const queues = [{ ...queue, distributed_at: at(menuS + 1), left_by: 'answer' }]
  if (story === 'blind_transfer' || story === 'warm_transfer') {
    const handedS = leaves + talkS * 0.4
    const transfer = story === 'blind_transfer' ? 'blind' : 'warm'
    return {
      endS,
      queues,
      agents: [
        talked(at, { agent: first, fromS: leaves, toS: handedS, transfer }),
        talked(at, { agent: second, fromS: handedS + 4, toS: endS, transfer: 'none' }),
      ],
    }
  }
  const talking = talked(at, { agent: second, fromS: leaves, toS: endS, transfer: 'none' })
  const missed = story === 'second_agent' ? [unanswered(at, { agent: first, fromS: menuS + 1, toS: leaves - 3 })] : []
  return { endS, queues, agents: [...missed, talking] }
}

/** The first queue's agent does not answer; the overflow desk does, or the caller gives up there. */
function overflowed({ told: { story, random }, at, menuS, leaves, talkS }: Serving, queue: Body): Served {
  const [first, second] = twoAgents(random)
  const isLost = story === 'overflow_lost'
  const answeredS = leaves + 12
  const endS = answeredS + (isLost ? 9 : talkS)
  const desk = {
    ring_group: OVERFLOW_DESK,
    queued_at: at(leaves),
    distributed_at: at(leaves + 2),
    left_at: at(isLost ? endS : answeredS),
    left_by: isLost ? 'hangup' : 'answer',
  }
  const missed = unanswered(at, { agent: first, fromS: menuS + 1, toS: leaves })
  const taken = isLost
    ? unanswered(at, { agent: second, fromS: leaves + 2, toS: endS })
    : talked(at, { agent: second, fromS: answeredS, toS: endS, transfer: 'none' })
  const queues = [{ ...queue, distributed_at: at(menuS + 1), left_by: 'overflow' }, desk]
  return { endS, queues, agents: [missed, taken] }
}

function twoAgents(random: Told['random']): [DemoAgent, DemoAgent] {
  const half = AGENTS.length / 2
  return [random.pick(AGENTS.slice(0, half)), random.pick(AGENTS.slice(half))]
}

interface Stretch {
  agent: DemoAgent
  fromS: number
  toS: number
}

function talked(at: At, { agent, fromS, toS, transfer }: Stretch & { transfer: string }): Body {
  return {
    ...agentBody(agent),
    started_at: at(fromS - 3),
    answered_at: at(fromS),
    ended_at: at(toS),
    transfer,
    hangup_reason: 'NORMAL_CLEARING',
  }
}

function unanswered(at: At, { agent, fromS, toS }: Stretch): Body {
  return { ...agentBody(agent), started_at: at(fromS), ended_at: at(toS), hangup_reason: 'NO_ANSWER' }
}
