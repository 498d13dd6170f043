#!/bin/sh
# Makes the fonts in this folder from their originals; needs pyftsubset (pip install fonttools).
# Usage: ./build.sh INTER_FOLDER JETBRAINS_MONO_FOLDER PHOSPHOR_REGULAR_TTF
set -eu
cd "$(dirname "$0")"
inter=$1 mono=$2 phosphor=$3

# Latin with its extensions, combining marks, Greek, Cyrillic, punctuation, currency, letterlike, numbers,
# arrows, mathematics, technical, box drawing, blocks, shapes, ticks, replacement character.
text='U+0020-007E,U+00A0-024F,U+0259,U+02B0-02FF,U+0300-036F,U+0370-03FF,U+0400-045F,U+0490-04FF,U+2000-209F,U+20A0-20BF,U+2100-218F,U+2190-22FF,U+2300-23FF,U+2500-25FF,U+2713-2717,U+FFFD'
# Titles need less.
titles='U+0020-007E,U+00A0-017F,U+0370-03FF,U+0400-045F,U+2000-206F,U+20A0-20BF,U+2190-2199,U+2200-2265,U+FFFD'
# Data must be drawn as it is, so no feature that joins or replaces characters ("->", "!=", "1x2") stays.
features='kern,mark,mkmk,ccmp,locl'

subset() { # FONT OUTPUT UNICODES
    pyftsubset "$1" --output-file="$2" --unicodes="$3" --layout-features="$features" \
        --name-IDs='0,1,2,4,5,6,13,14' --drop-tables+=DSIG --notdef-outline
}

subset "$inter/Inter-Regular.otf" Inter-Regular.otf "$text"
subset "$inter/Inter-SemiBold.otf" Inter-SemiBold.otf "$titles"
subset "$mono/JetBrainsMono-Regular.ttf" JetBrainsMono-Regular.ttf "$text"

# The icons are those that theme/icons.rs names.
icons=$(sed -n 's/.*"\\u{\([0-9a-f]*\)}".*/U+\1/p' ../../src/theme/icons.rs | paste -sd, -)
subset "$phosphor" Phosphor-Keyglass.ttf "$icons"
