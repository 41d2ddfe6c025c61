/** How the online study gets on, in words. */
import type { OnlineStudyEvent } from "../app/events.ts";
import { formatCount, formatDuration, percent } from "../base/text/format/index.ts";
import { VARIANTS } from "../studies/online/settings.ts";
import type { Teller } from "./progress.ts";

/** Where the study is, and an accuracy that was just measured. */
export function tellOnlineStudy(
  { variant, step, total, secondsLeft, line }: OnlineStudyEvent,
  teller: Teller,
): void {
  teller.status(
    `${VARIANTS[variant].title}: ${formatCount(step)}/${formatCount(total)} · ${formatDuration(secondsLeft)} left`,
  );
  if (line)
    teller.line(
      `${variant} ${formatCount(step)}: class ${line.task} ${line.moment === "switch" ? "begins at" : "is at"} ${percent(line.accuracy)}`,
    );
}
