/** Networks small enough for tests of probes, at 16 × 16. */
import { paperSettings } from "../../objectives/paper-settings.ts";

export const smallSettings = paperSettings({
  data: { resolution: 16 },
  generator: { width: 8, latentSize: 8 },
  discriminator: { width: 8 },
  objective: { rotatedBatch: 8 },
  training: { batchSize: 4 },
});
