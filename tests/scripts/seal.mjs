// Seal answers as the page does, for test_sitting_scripts.py: facts on standard input, the file on standard output.
import { text } from "node:stream/consumers";
import { sealAnswers } from "../../static/js/answer-file.js";

process.stdout.write(await sealAnswers(JSON.parse(await text(process.stdin))));
