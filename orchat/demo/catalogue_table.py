"""The simulated catalogue, one model a line.

Columns: id, release date, context (tokens), longest output (tokens; `-`: unlimited), USD per million input tokens,
USD per million output tokens, inputs, abilities, provider tags.
Inputs: t text, i image, f file, a audio, v video. Outputs are text unless an ability says otherwise.
Abilities: T tools, S structured outputs, J JSON without a schema, R reasons when asked, D reasons by default,
M always reasons, F also offered as a `:free` variant, I also puts out images, E an embedding model, K a reranking
model, - none.
"""

from __future__ import annotations

CATALOGUE = """
anthropic/claude-opus-4.6         20260205 1000000 128000      5   25 tif   TSR  anthropic,amazon-bedrock,google-vertex
anthropic/claude-sonnet-4.6       20260217 1000000 128000      3   15 tif   TSR  anthropic,amazon-bedrock,google-vertex
anthropic/claude-opus-4.5         20251124  200000  64000      5   25 tif   TSR  anthropic,amazon-bedrock,google-vertex
anthropic/claude-haiku-4.5        20251001  200000  64000      1    5 tif   TSR  anthropic,amazon-bedrock,google-vertex
anthropic/claude-sonnet-4.5       20250929 1000000  64000      3   15 tif   TSR  anthropic,amazon-bedrock,google-vertex
anthropic/claude-opus-4.1         20250805  200000  32000     15   75 tif   TSR  anthropic,amazon-bedrock
anthropic/claude-opus-4           20250522  200000  32000     15   75 tif   TR   anthropic
anthropic/claude-sonnet-4         20250522 1000000  64000      3   15 tif   TR   anthropic,google-vertex
anthropic/claude-3.7-sonnet       20250219  200000  64000      3   15 tif   TR   anthropic
anthropic/claude-3.5-haiku        20241022  200000   8192    0.8    4 ti    T    anthropic
anthropic/claude-3-haiku          20240307  200000   4096   0.25 1.25 ti    T    anthropic
openai/gpt-5.2                    20251210  400000 128000   1.75   14 tif   TSD  openai,azure
openai/gpt-5.2-pro                20251210  400000 128000     21  168 tif   TSM  openai
openai/gpt-5.2-chat               20251210  128000  16384   1.75   14 tif   TS   openai
openai/gpt-5.2-codex              20260114  400000 128000   1.75   14 ti    TSM  openai,azure
openai/gpt-5.1                    20251113  400000 128000   1.25   10 tif   TSD  openai,azure
openai/gpt-5.1-codex-mini         20251113  400000 100000   0.25    2 ti    TSM  openai
openai/gpt-5                      20250807  400000 128000   1.25   10 tif   TSM  openai,azure
openai/gpt-5-mini                 20250807  400000 128000   0.25    2 tif   TSM  openai,azure
openai/gpt-5-nano                 20250807  400000 128000   0.05  0.4 tif   TSM  openai,azure
openai/gpt-oss-120b               20250805  131072 131072   0.04 0.19 t     TSMF deepinfra,groq,together,novita
openai/gpt-oss-20b                20250805  131072 131072   0.03 0.14 t     TSMF groq,fireworks,novita
openai/gpt-4.1                    20250414 1047576  32768      2    8 tif   TS   openai,azure
openai/gpt-4.1-mini               20250414 1047576  32768    0.4  1.6 tif   TS   openai
openai/gpt-4.1-nano               20250414 1047576  32768    0.1  0.4 tif   TS   openai
openai/gpt-4o                     20241120  128000  16384    2.5   10 tif   TS   openai,azure
openai/gpt-4o-mini                20240718  128000  16384   0.15  0.6 tif   TS   openai,azure
openai/gpt-4o-audio-preview       20250815  128000  16384    2.5   10 ta    TS   openai
openai/gpt-4-turbo                20240409  128000   4096     10   30 ti    TJ   openai
openai/gpt-3.5-turbo              20230528   16385   4096    0.5  1.5 t     TJ   openai
openai/o3                         20250416  200000 100000      2    8 tif   TSM  openai
openai/o3-pro                     20250610  200000 100000     20   80 tif   TSM  openai
openai/o4-mini                    20250416  200000 100000    1.1  4.4 tif   TSM  openai
openai/o1                         20241217  200000 100000     15   60 tif   TSM  openai
google/gemini-3.1-pro-preview     20260219 1048576  65536      2   12 tifav TSM  google-ai-studio,google-vertex
google/gemini-3-flash-preview     20251217 1048576  65536    0.5    3 tifav TSD  google-ai-studio,google-vertex
google/gemini-2.5-pro             20250617 1048576  65536   1.25   10 tifav TSM  google-ai-studio,google-vertex
google/gemini-2.5-flash           20250617 1048576  65535    0.3  2.5 tifav TSR  google-ai-studio,google-vertex
google/gemini-2.5-flash-lite      20250722 1048576  65535    0.1  0.4 tifav TSR  google-ai-studio
google/gemini-2.5-flash-image     20251007   32768  32768    0.3  2.5 ti    SI   google-ai-studio
google/gemini-2.0-flash-001       20250205 1048576   8192    0.1  0.4 tifav TS   google-ai-studio
google/gemini-2.0-flash-lite-001  20250225 1048576   8192  0.075  0.3 tifav TS   google-ai-studio
google/gemma-3-27b-it             20250312  131072  16384   0.04 0.15 ti    SF   deepinfra,novita
google/gemma-3-12b-it             20250313  131072  16384   0.03  0.1 ti    SF   deepinfra
google/gemma-3-4b-it              20250313   96000      -   0.02 0.07 ti    F    novita
google/gemma-2-9b-it              20240628    8192      -   0.03 0.09 t     -    novita
meta-llama/llama-4-maverick       20250405 1048576  16384   0.15  0.6 ti    TS   deepinfra,together,groq
meta-llama/llama-4-scout          20250405  327680  16384   0.08  0.3 ti    TS   deepinfra,groq
meta-llama/llama-3.3-70b-instruct 20241206  131072  16384    0.1 0.32 t     TSF  deepinfra,groq,together,novita
meta-llama/llama-3.2-11b-vision-instruct 20240925  131072  16384   0.05 0.05 ti    -    deepinfra
meta-llama/llama-3.2-3b-instruct  20240925  131072  16384   0.02 0.02 t     F    novita
meta-llama/llama-3.2-1b-instruct  20240925   60000      -   0.03  0.2 t     -    novita
meta-llama/llama-3.1-405b-instruct 20240723   32768      -    3.5  3.5 t     T    together
meta-llama/llama-3.1-70b-instruct 20240723  131072      -    0.4  0.4 t     T    deepinfra
meta-llama/llama-3.1-8b-instruct  20240723   16384  16384   0.02 0.05 t     TS   novita,groq
meta-llama/llama-guard-4-12b      20250430  163840      -   0.18 0.18 ti    -    together
mistralai/mistral-large-2512      20251201  262144      -    0.5  1.5 ti    TS   mistral
mistralai/mistral-medium-3.1      20250813  131072      -    0.4    2 ti    TS   mistral
mistralai/mistral-small-3.2-24b-instruct 20250620  131072 131072   0.06 0.18 ti    TSF  deepinfra,mistral
mistralai/ministral-14b-2512      20251202  262144      -    0.2  0.2 ti    TS   mistral
mistralai/ministral-8b-2512       20251202  262144      -   0.15 0.15 ti    TS   mistral
mistralai/devstral-2512           20251209  262144      -   0.05 0.22 t     TSF  mistral
mistralai/codestral-2508          20250801  256000      -    0.3  0.9 t     TS   mistral
mistralai/pixtral-large-2411      20241119  131072      -      2    6 ti    TS   mistral
mistralai/mixtral-8x22b-instruct  20240417   65536      -      2    6 t     T    fireworks
mistralai/mistral-nemo            20240719  131072  16384   0.02 0.04 t     TS   deepinfra
mistralai/voxtral-small-24b-2507  20251030   32000      -    0.1  0.3 ta    TS   mistral
qwen/qwen3-max                    20250923  256000  32768    1.2    6 t     T    alibaba
qwen/qwen3.5-397b-a17b            20260216  262144  65536   0.55  3.5 tiv   TSD  alibaba,novita,together
qwen/qwen3-235b-a22b-2507         20250721  262144      -   0.07 0.46 t     TS   deepinfra,fireworks,alibaba
qwen/qwen3-235b-a22b-thinking-2507 20250725  262144 262144   0.11  0.6 t     TSM  together,alibaba
qwen/qwen3-next-80b-a3b-instruct  20250911  262144      -   0.09  1.1 t     TSF  deepinfra,novita
qwen/qwen3-next-80b-a3b-thinking  20250911  131072  32768   0.15  1.2 t     TSM  novita
qwen/qwen3-coder                  20250723  262144  65536   0.22    1 t     TSF  deepinfra,together,alibaba
qwen/qwen3-coder-flash            20250917  128000  65536    0.3  1.5 t     T    alibaba
qwen/qwen3-coder-30b-a3b-instruct 20250731  160000  32768   0.07 0.27 t     TS   novita
qwen/qwen3-vl-235b-a22b-instruct  20250923  262144      -    0.2 0.88 ti    TS   deepinfra,novita
qwen/qwen3-vl-30b-a3b-thinking    20251006  131072  32768    0.2    1 ti    TSM  alibaba
qwen/qwen3-32b                    20250428   40960  40960   0.08 0.24 t     TSR  groq,deepinfra
qwen/qwen3-14b                    20250428   40960  40960   0.05 0.22 t     TSR  deepinfra
qwen/qwen3-8b                     20250428  128000  20000   0.04 0.14 t     R    novita
qwen/qwq-32b                      20250305   32768      -   0.15  0.4 t     TSM  groq
qwen/qwen-2.5-72b-instruct        20240919   32768  16384   0.12 0.39 t     TS   novita
qwen/qwen2.5-vl-72b-instruct      20250201   32768  32768   0.15  0.6 ti    S    novita
qwen/qwen-2.5-coder-32b-instruct  20241111   32768      -   0.03 0.11 t     S    chutes
deepseek/deepseek-v3.2            20251201  163840  65536   0.26 0.38 t     TSR  deepseek,deepinfra,novita
deepseek/deepseek-v3.2-speciale   20251201  163840  65536    0.4  1.2 t     SM   deepseek
deepseek/deepseek-chat-v3.1       20250821   32768   7168   0.15 0.75 t     TSR  deepinfra,fireworks
deepseek/deepseek-chat-v3-0324    20250324  163840      -    0.2 0.88 t     TS   novita,chutes
deepseek/deepseek-r1-0528         20250528  163840  65536    0.4 1.75 t     TSMF deepinfra,together,novita
deepseek/deepseek-r1              20250120   64000  16000    0.7  2.4 t     TM   novita
deepseek/deepseek-r1-distill-llama-70b 20250123  131072 131072   0.03 0.11 t     SM   chutes
x-ai/grok-4.1-fast                20251119 2000000  30000    0.2  0.5 ti    TSR  xai
x-ai/grok-4                       20250709  256000      -      3   15 ti    TSM  xai
x-ai/grok-4-fast                  20250919 2000000  30000    0.2  0.5 ti    TSR  xai
x-ai/grok-code-fast-1             20250826  256000  10000    0.2  1.5 t     TSM  xai
x-ai/grok-3                       20250610  131072      -      3   15 t     TS   xai
x-ai/grok-3-mini                  20250610  131072      -    0.3  0.5 t     TSM  xai
cohere/command-a                  20250313  256000   8192    2.5   10 t     S    cohere
cohere/command-r-plus-08-2024     20240830  128000   4000    2.5   10 t     TS   cohere
cohere/command-r-08-2024          20240830  128000   4000   0.15  0.6 t     TS   cohere
cohere/command-r7b-12-2024        20250114  128000   4000 0.0375 0.15 t     S    cohere
nvidia/nemotron-3-nano-30b-a3b    20251214  262144      -   0.06 0.24 t     TSDF deepinfra
nvidia/llama-3.3-nemotron-super-49b-v1.5 20251010  131072      -    0.1  0.4 t     TSD  deepinfra
nvidia/nemotron-nano-12b-v2-vl    20251028  131072      -    0.2  0.6 tiv   DF   deepinfra
nvidia/nemotron-nano-9b-v2        20250905  131072      -   0.04 0.16 t     TSDF deepinfra
microsoft/phi-4                   20250110   16384      -   0.06 0.14 t     S    deepinfra
microsoft/phi-4-reasoning-plus    20250501   32768      -   0.07 0.35 t     M    deepinfra
microsoft/phi-4-multimodal-instruct 20250308  131072      -   0.05  0.1 ti    -    deepinfra
microsoft/wizardlm-2-8x22b        20240416   65535  16384   0.48 0.48 t     -    novita
amazon/nova-2-lite-v1             20251202 1000000  65535    0.3  2.5 tifv  TR   amazon-bedrock
amazon/nova-premier-v1            20251031 1000000  32000    2.5 12.5 ti    T    amazon-bedrock
amazon/nova-pro-v1                20241205  300000   5120    0.8  3.2 ti    T    amazon-bedrock
amazon/nova-micro-v1              20241205  128000   5120  0.035 0.14 t     T    amazon-bedrock
moonshotai/kimi-k2.5              20260127  262144 262144    0.6    3 ti    TSD  moonshotai,fireworks,novita
moonshotai/kimi-k2-thinking       20251106  262144  16384    0.5 2.25 t     TSM  moonshotai,together
moonshotai/kimi-k2-0905           20250904  262144 262144    0.4  1.9 t     TS   moonshotai,novita
z-ai/glm-5                        20260211  204800 131072   0.95 3.15 t     TSD  z-ai,novita
z-ai/glm-4.7                      20251222  202752  65535    0.4  1.5 t     TSD  z-ai,deepinfra
z-ai/glm-4.6                      20250930  202752  65536   0.35 1.71 t     TSD  z-ai,novita
z-ai/glm-4.6v                     20251208  131072  65536    0.3  0.9 tiv   TSD  z-ai
z-ai/glm-4.5-air                  20250725  131072  98304    0.1  0.5 t     TSRF z-ai,novita
minimax/minimax-m2.5              20260212  204800 131072    0.3  1.1 t     TSM  minimax,fireworks
minimax/minimax-m2                20251023  196608  65536   0.25    1 t     TSM  minimax,novita
minimax/minimax-01                20250115 1000192 1000192    0.2  1.1 ti    -    minimax
perplexity/sonar                  20250127  127072      -      1    1 ti    -    perplexity
perplexity/sonar-pro              20250307  200000   8000      3   15 ti    -    perplexity
perplexity/sonar-reasoning-pro    20250307  128000      -      2    8 ti    M    perplexity
perplexity/sonar-deep-research    20250307  128000      -      2    8 t     M    perplexity
ai21/jamba-large-1.7              20250808  256000   4096      2    8 t     TS   ai21
ai21/jamba-mini-1.7               20250808  256000   4096    0.2  0.4 t     TS   ai21
allenai/olmo-3.1-32b-think        20251216   65536  65536   0.15  0.5 t     SMF  novita
allenai/molmo-2-8b                20260109   36864  36864    0.2  0.2 tiv   F    novita
arcee-ai/trinity-mini             20251201  131072 131072  0.045 0.15 t     TSDF together
baidu/ernie-4.5-300b-a47b         20250630  123000  12000   0.28  1.1 t     S    novita
baidu/ernie-4.5-vl-28b-a3b        20250812   30000   8000   0.14 0.56 ti    TR   novita
bytedance-seed/seed-1.6           20251223  262144  32768   0.25    2 tiv   TSD  novita
bytedance-seed/seed-1.6-flash     20251223  262144  32768  0.075  0.3 tiv   TSD  novita
ibm-granite/granite-4.0-h-micro   20251019  131000      -  0.017 0.11 t     -    together
inception/mercury                 20250626  128000  32000   0.25    1 t     TS   inception
inception/mercury-coder           20250430  128000  32000   0.25    1 t     TS   inception
liquid/lfm2-8b-a1b                20251020   32768      -   0.01 0.02 t     -    liquid
nousresearch/hermes-4-405b        20250826  131072 131072      1    3 t     SR   novita
nousresearch/hermes-4-70b         20250826  131072 131072   0.11 0.38 t     SR   novita
nousresearch/hermes-3-llama-3.1-405b 20240816  131072  16384      1    1 t     F    deepinfra
openai/text-embedding-3-small     20240125    8192      -   0.02    0 t     E    openai,azure
openai/text-embedding-3-large     20240125    8192      -   0.13    0 t     E    openai
qwen/qwen3-embedding-0.6b         20250605   32768      -   0.01    0 t     E    deepinfra
qwen/qwen3-embedding-8b           20250605   32768      -   0.01    0 t     E    deepinfra,novita
nvidia/llama-nemotron-embed-vl-1b-v2 20260105  131072      -      0    0 ti    E    nvidia
cohere/rerank-v3.5                20241202    4096      -      2    0 t     K    cohere,azure
cohere/rerank-4-pro               20251211   32768      -      2    0 t     K    cohere
"""

EXPIRES = {
    "anthropic/claude-3-haiku": "2027-03-07",
    "anthropic/claude-opus-4": "2027-01-14",
    "google/gemini-2.0-flash-001": "2026-12-31",
    "google/gemini-2.0-flash-lite-001": "2026-12-31",
    "openai/gpt-3.5-turbo": "2027-06-30",
    "openai/gpt-4-turbo": "2027-01-31",
}
