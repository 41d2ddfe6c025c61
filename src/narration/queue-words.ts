/** How the runs of a queue get on, in words. */
import type {
  QueuedEvent,
  QueuedPointEvent,
  QueuedProgressEvent,
  WorkingEvent,
} from "../app/sweep/events.ts";
import { formatCount } from "../base/text/format/index.ts";
import { withoutSecrets } from "../base/text/secrets.ts";
import type { Teller } from "./progress.ts";

/** Put an event of a queue into words. @param ending how a worker is ended */
export function tellQueue(
  event: QueuedEvent | QueuedPointEvent | QueuedProgressEvent | WorkingEvent,
  teller: Teller,
  ending: string,
): void {
  switch (event.kind) {
    case "queued":
      teller.line(
        `${event.runs} runs are in the queue at ${withoutSecrets(event.queue)}; "quarterturn worker" on any machine takes them.`,
      );
      break;
    case "queued-point": {
      const { id, seed, label } = event.point;
      teller.line(`${id}  seed ${seed}  ${label}: ${event.state}`);
      break;
    }
    case "queued-progress": {
      const { point, progress } = event;
      teller.status(
        `${point.id}: ${formatCount(Math.max(0, progress.step))}/${formatCount(point.steps)} on ${progress.host}`,
      );
      break;
    }
    case "working":
      teller.line(`taking runs from ${withoutSecrets(event.queue)}${ending}`);
      break;
  }
}
