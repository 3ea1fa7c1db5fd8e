// @ts-check
/**
 * The processes of the chaos. Each slot has one process at a time; when it ends, by itself or by force,
 * a successor takes its place until the crew is dismissed. Processes are ended by their ids only.
 */
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** @import { ChildProcess } from "node:child_process" */
/** @typedef {"producer" | "consumer" | "pipeline"} Role */
/**
 * @typedef {object} Slot
 * @property {Role} role
 * @property {string} name
 * @property {number} lives
 * @property {ChildProcess | undefined} child
 * @property {"SIGKILL" | "SIGTERM" | undefined} asked how the child was asked to end
 * @property {boolean} ready the child has said that it is at work
 * @property {boolean} frozen
 */
/** @typedef {{ role: Role, asked: string, ended: string }} Exit how a process ended */

const WORKER = fileURLToPath(new URL("worker.mjs", import.meta.url));
const NEXT_MS = 300;
const DISMISS_MS = 40_000;

/**
 * @param {object} facts
 * @param {string} facts.folder where processes write what they see
 * @param {Record<string, unknown>} facts.options given to every worker
 */
export function createCrew({ folder, options }) {
  /** @type {Slot[]} */
  const slots = [];
  /** @type {Exit[]} */
  const exits = [];
  const shared = { ...options };
  /** @type {Set<Role>} */
  const dismissed = new Set();

  /** @param {Slot} slot */
  const start = (slot) => {
    if (dismissed.has(slot.role)) return;
    const life = `${slot.name}.${++slot.lives}`;
    const own = { ...shared, slot: slot.name, life, file: `${folder}/${life}.log` };
    const child = spawn(process.execPath, [WORKER, slot.role, JSON.stringify(own)], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    Object.assign(slot, { child, asked: undefined, ready: false, frozen: false });
    child.once("message", () => {
      if (slot.child === child) slot.ready = true;
    });
    child.once("exit", (code, signal) => {
      exits.push({ role: slot.role, asked: slot.asked ?? "none", ended: String(code ?? signal) });
      slot.child = undefined;
      slot.ready = false;
      setTimeout(() => start(slot), NEXT_MS);
    });
  };

  return {
    exits,
    /** For processes that start from now on. */
    shared,
    /**
     * @param {Role} role
     * @param {number} count
     */
    hire(role, count) {
      for (let i = 0; i < count; i++) {
        /** @type {Slot} */
        const slot = {
          role,
          name: `${role}${i}`,
          lives: 0,
          child: undefined,
          asked: undefined,
          ready: false,
          frozen: false,
        };
        slots.push(slot);
        start(slot);
      }
    },
    /**
     * Slots of a role whose process is undisturbed, and at work if it must be.
     *
     * @param {Role} role
     * @param {"at work" | "alive"} state
     */
    free(role, state = "at work") {
      return slots.filter(
        (slot) =>
          slot.role === role &&
          slot.child !== undefined &&
          (slot.ready || state === "alive") &&
          slot.asked === undefined &&
          !slot.frozen,
      );
    },
    /**
     * @param {Slot} slot
     * @param {"SIGKILL" | "SIGTERM"} signal
     */
    end(slot, signal) {
      slot.asked = signal;
      slot.child?.kill(signal);
    },
    /** Where each slot is: for messages. */
    story() {
      return slots.map(({ name, lives, child, asked, ready, frozen }) => {
        const state = child === undefined ? "has no process" : `is process ${child.pid}`;
        return `${name}.${lives} ${state}, asked ${asked ?? "nothing"}, ready: ${ready}, frozen: ${frozen}`;
      });
    },
    /**
     * Freezes a process for a while.
     *
     * @param {Slot} slot
     * @param {number} ms
     */
    async freeze(slot, ms) {
      const { child } = slot;
      slot.frozen = true;
      child?.kill("SIGSTOP");
      await sleep(ms);
      child?.kill("SIGCONT");
      if (slot.child === child) slot.frozen = false;
    },
    /**
     * Ends all processes of a role, gracefully as far as they can, and replaces them no more.
     *
     * @param {Role} role
     */
    async dismiss(role) {
      dismissed.add(role);
      for (const slot of slots.filter((one) => one.role === role)) {
        slot.child?.kill("SIGCONT");
        if (slot.asked === undefined) this.end(slot, "SIGTERM");
      }
      const endsAt = performance.now() + DISMISS_MS;
      const left = () => slots.filter((one) => one.role === role && one.child !== undefined);
      while (left().length > 0 && performance.now() < endsAt) await sleep(50);
      for (const slot of left()) this.end(slot, "SIGKILL");
      while (left().length > 0) await sleep(20);
    },
  };
}
