import { AGENTS, agentBody, CAMPAIGNS, DISPOSITIONS, MENU } from './center-cast.ts'
import { type Body, head, recorded, type Told } from './center-story.ts'

/** An agent calls somebody, within a campaign. `extra` goes into the center facts. */
export function outbound(told: Told, extra: Body = {}): Body {
  const { story, random } = told
  const { body, center, at, group } = head(told, 'outbound')
  const ringS = 4 + random.next() * 14
  const isAnswered = story !== 'outbound_unanswered'
  const endS = isAnswered ? ringS + Math.min(random.around(150, 0.9), 5400) : ringS + 18
  const agent = {
    ...agentBody(random.pick(AGENTS)),
    started_at: at(0),
    ended_at: at(endS),
    hangup_reason: isAnswered ? 'NORMAL_CLEARING' : 'NO_ANSWER',
  }
  return {
    ...body,
    rang_at: at(1),
    ...(isAnswered ? { answered_at: at(ringS) } : {}),
    ended_at: at(endS),
    hangup: isAnswered ? { side: 'callee', sip_status: 200, q850: 16 } : { side: 'caller', sip_status: 487, q850: 19 },
    center: {
      ...center,
      campaign: random.pick(CAMPAIGNS),
      ring_group: group,
      agents: [isAnswered ? { ...agent, answered_at: at(ringS) } : agent],
      ...(isAnswered ? { disposition: random.pick(DISPOSITIONS) } : {}),
      ...extra,
    },
    ...(isAnswered ? recorded(told) : {}),
  }
}

/** Someone who waits in the queue asks to be called back; some minutes later the system calls, and an agent talks. */
export function withCallback(told: Told): Body[] {
  const { random, startedAtUs, id } = told
  const { body, center, at, group } = head(told, 'inbound')
  const menuS = 4 + random.next() * 12
  const asked: Body = {
    ...body,
    answered_at: at(0.4),
    ended_at: at(menuS + 35),
    hangup: { side: 'caller', sip_status: 200, q850: 16 },
    center: {
      ...center,
      ivr: { ...MENU, entered_at: at(0.5) },
      queues: [{ ring_group: group, queued_at: at(menuS), left_at: at(menuS + 35), left_by: 'callback' }],
      requested_callback: true,
    },
  }
  const later = startedAtUs + Math.round((300 + random.next() * 900) * 1_000_000)
  const back = outbound(
    { ...told, story: 'outbound', startedAtUs: later, id: `${id}/back` },
    { automated_callback: true, original_call_uuid: body.call_uuid },
  )
  return [asked, back]
}
