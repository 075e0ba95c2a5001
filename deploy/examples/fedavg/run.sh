#!/bin/sh
# Table 2 of McMahan et al. (2017) in small: rounds to a test accuracy, FedSGD beside FedAvg.
#   run.sh MNIST [RUNS] [--quick]
#   MNIST    the folder of MNIST's four idx files
#   RUNS     where the run directories, table.csv and chart.png go; runs/fedavg by default
#   --quick  the 2NN on even clients alone, (E, B) = (1, 10) and (5, 10): some minutes
set -eu
here=$(cd -P "$(dirname "$0")" && pwd)
kindling=$here/../../bin/kindling
quick=false data='' runs=''
for argument; do
  case $argument in
    --quick) quick=true ;;
    *) if [ -z "$data" ]; then data=$argument; else runs=$argument; fi ;;
  esac
done
[ -n "$data" ] || { echo "usage: run.sh MNIST [RUNS] [--quick]" >&2; exit 2; }
runs=${runs:-runs/fedavg}

one() { # network, partition, E, B, lr, most rounds
  name=$1-$2-E$3-B$4
  [ ! -e "$runs/$name/summary.json" ] || return 0
  case $2 in
    iid) partition=IID ;;
    shards) partition='{type: LabelShards, shards: 2}' ;;
  esac
  if [ -e "$runs/$name/config.yaml" ]; then
    "$kindling" resume "$runs/$name"
  else
    "$kindling" federated "$here/mnist-$1.yaml" --run-dir "$runs/$name" --set "data.path=$data" \
      --set "federated.partition=$partition" --set "federated.local_epochs=$3" \
      --set "federated.local_batch_size=$4" --set "optimizer.lr=$5" --set "federated.rounds=$6"
  fi
}

one 2nn iid 1 10 0.1 500
one 2nn iid 5 10 0.1 500
if [ "$quick" = false ]; then
  one 2nn shards 5 10 0.05 1000
  one 2nn shards 1 10 0.05 1000
  one 2nn iid 1 all 0.3 1500
  one cnn iid 5 10 0.1 100
  one 2nn shards 1 all 0.3 2000
  one cnn shards 5 10 0.05 500
  one cnn iid 1 10 0.1 200
  one cnn shards 1 10 0.05 500
  one cnn iid 1 all 0.2 1000
  one cnn shards 1 all 0.2 1000
fi
echo run,rounds,test_accuracy > "$runs/table.csv"
for run in "$runs"/*/; do
  [ -e "$run/summary.json" ] || continue
  field() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p" "$run/summary.json"; }
  echo "$(basename "$run"),$(field rounds),$(field test_accuracy)" >> "$runs/table.csv"
done
cat "$runs/table.csv"
set --
for run in "$runs"/*/summary.json; do set -- "$@" "$(dirname "$run")"; done
"$kindling" compare "$@" --into "$runs/chart" --x round > /dev/null
mv "$runs/chart/chart.png" "$runs/chart.png"
rm -r "$runs/chart"
