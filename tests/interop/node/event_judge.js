"use strict";
// Judges what came from Kafka: is it a CloudEvent to the cloudevents package, and is its data what the message schema says to ajv?

const fs = require("fs");
const path = require("path");
const Ajv = require("ajv");
const { Kafka } = require("cloudevents");

const CARRIED = [
  "ce_specversion", "ce_id", "ce_source", "ce_type", "content-type", "ce_time", "ce_tenant", "ce_subject", "ce_dataschema", "ce_partitionkey", "ce_sequence",
];
const TOLD = ["id", "type", "source", "subject", "tenant", "sequence", "dataschema", "data"];

class EventJudge {
  constructor(schemas) {
    this.ajv = new Ajv({ strict: false });
    const folder = path.join(schemas, "messages");
    for (const name of fs.readdirSync(folder).filter((name) => name.endsWith(".schema.json"))) {
      this.ajv.addSchema(JSON.parse(fs.readFileSync(path.join(folder, name), "utf8")));
    }
  }

  // What one message says, and everything that is wrong with it.
  judge(topic, partition, message) {
    const found = { topic, partition, offset: Number(message.offset), key: text(message.key), problems: [] };
    const headers = Object.fromEntries(Object.entries(message.headers || {}).map(([name, value]) => [name, text(value)]));
    try {
      const event = Kafka.toEvent({ key: found.key, value: text(message.value), headers });
      for (const name of TOLD) found[name] = event[name];
      found.problems = [...this.wrongAttributes(event, headers, found.key), ...this.wrongData(event), ...this.lostInOtherMode(event)];
    } catch (failure) {
      found.problems.push(`no CloudEvent: ${failure.message}`);
    }
    return found;
  }

  wrongAttributes(event, headers, key) {
    const wrong = CARRIED.filter((name) => !headers[name]).map((name) => `without ${name}`);
    if (event.validate() !== true) wrong.push("not valid");
    if (key !== `${event.data.tenant}/${event.data.ticket_id}`) wrong.push("the key is not tenant/ticket of the data");
    if (event.subject !== event.data.ticket_id || event.tenant !== event.data.tenant) wrong.push("subject or tenant is not that of the data");
    if (headers.ce_partitionkey !== key) wrong.push("partitionkey is not the key");
    return wrong;
  }

  wrongData(event) {
    const validate = this.ajv.getSchema(event.dataschema);
    if (!validate) return [`unknown schema ${event.dataschema}`];
    if (validate.schema.title !== event.type) return [`the schema of a ${event.type} is ${event.dataschema}`];
    return validate(event.data) ? [] : [this.ajv.errorsText(validate.errors)];
  }

  // Written again in each mode, it must be the same event.
  lostInOtherMode(event) {
    const again = { structured: Kafka.toEvent(Kafka.structured(event)), binary: Kafka.toEvent(Kafka.binary(event)) };
    const same = (one) => ["time", ...TOLD].every((name) => JSON.stringify(one[name]) === JSON.stringify(event[name]));
    return Object.entries(again).filter(([, one]) => !same(one)).map(([mode]) => `lost in ${mode} mode`);
  }
}

function text(value) {
  return value === null || value === undefined ? value : Buffer.isBuffer(value) ? value.toString("utf8") : String(value);
}

module.exports = { EventJudge };
