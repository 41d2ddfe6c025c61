/**
 * `train --dry-run`: what would happen, without writing anything but the cache of packed images. The speed is measured by real
 * steps of the real loop, whose pictures and checkpoints go nowhere.
 */
import { availableThreads, memoryLimitBytes, residentMemory } from "../engine/cpu.node.ts";
import type { Engine } from "../engine/engine.ts";
import { createEngine } from "../engine/node.node.ts";
import { batches, drawRandomImages, type ImageStore } from "../data/index.node.ts";
import { buildSteps } from "../objectives/build.ts";
import type { Steps } from "../objectives/steps.ts";
import { describeChange, judgeConfigs } from "../training/config-diff.ts";
import type { Config } from "../training/config/schema.ts";
import { showValue } from "../training/config/describe.ts";
import { GRID_SIZE, type Recorder, train } from "../training/loop.ts";
import { newestCheckpoint, checkpointsIn, readConfig } from "../training/run-folder.node.ts";
import { type Invocation, EXIT } from "./command.ts";
import { configRows } from "./commands/presets.ts";
import { dataSentence, openImages, targetFor } from "./prepare.ts";
import { formatBytes, formatCount, formatDuration } from "./status.ts";
import { textTable } from "./table.ts";
import { readTrainRequest } from "./train-config.ts";
