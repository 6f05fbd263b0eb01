#!/bin/sh
# Makes the font subsets beside this script from Debian's package fonts-dejavu-core.
# usage: subset.sh [folder of the DejaVu fonts]        needs pyftsubset (PyPI: fonttools)
set -eu
from=${1:-/usr/share/fonts/truetype/dejavu}
here=$(cd "$(dirname "$0")" && pwd)
ascii=U+0020-007E
# scene::SYMBOLS, in its order.
symbols=U+2764,U+2654,U+2691,U+2605,U+273F,U+2602,U+2708,U+260E,U+2726,U+2756,U+265B,U+2692,U+2663,U+2699,U+279C,U+2600
symbols=$symbols,U+2657,U+266A,U+2615,U+2693,U+2601,U+2659,U+2656,U+2658,U+221E,U+263E,U+2205,U+2248,U+222B,U+220F,U+2211
symbols=$symbols,U+25CF,U+2716,U+25FC,U+25B2,U+271A
for font in DejaVuSans DejaVuSans-Bold DejaVuSansMono DejaVuSansMono-Bold DejaVuSerif DejaVuSerif-Bold; do
    unicodes=$ascii
    test "$font" != DejaVuSans || unicodes=$ascii,$symbols
    pyftsubset "$from/$font.ttf" --unicodes="$unicodes" --output-file="$here/$font.ttf" \
        --no-hinting --layout-features= --no-glyph-names --name-IDs=0,1,2,5,13 --notdef-outline --drop-tables+=FFTM,GDEF,GPOS,GSUB,kern,MATH,gasp
done
